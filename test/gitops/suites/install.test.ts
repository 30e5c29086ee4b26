import { tellInstallation } from '../stories/installation.ts';

tellInstallation('');
