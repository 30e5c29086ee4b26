import { followWrites } from '../../flux/writes.ts';

/* With the oldest Kubernetes that is supported. */

followWrites('1.33');
