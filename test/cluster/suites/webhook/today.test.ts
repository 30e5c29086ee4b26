import { webhookHolds } from './webhook.ts';

webhookHolds('');
