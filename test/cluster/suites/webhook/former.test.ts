import { webhookHolds } from './webhook.ts';

webhookHolds('1.33');
