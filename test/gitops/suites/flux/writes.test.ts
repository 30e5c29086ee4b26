import { followWrites } from '../../flux/writes.ts';

followWrites();
