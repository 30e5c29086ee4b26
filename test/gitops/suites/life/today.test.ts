import { tellLife } from '../../stories/life.ts';

tellLife('');
