import { tellInstallation } from '../stories/installation.ts';

tellInstallation('1.33');
