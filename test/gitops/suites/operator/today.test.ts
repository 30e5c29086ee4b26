import { tellOfOperator } from '../../stories/operator.ts';

tellOfOperator('');
