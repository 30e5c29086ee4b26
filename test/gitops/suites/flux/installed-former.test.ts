import { followFlux } from '../../flux/installed.ts';

/* With the oldest Kubernetes that is supported. */

followFlux('1.33');
