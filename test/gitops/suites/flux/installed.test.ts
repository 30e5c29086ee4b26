import { followFlux } from '../../flux/installed.ts';

followFlux();
