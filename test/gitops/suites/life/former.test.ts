import { tellLife } from '../../stories/life.ts';

tellLife('1.33');
