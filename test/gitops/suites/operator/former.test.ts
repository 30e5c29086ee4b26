import { tellOfOperator } from '../../stories/operator.ts';

tellOfOperator('1.33');
