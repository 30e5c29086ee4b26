import type { Injector } from './injector.ts';
import type { Language } from './instrumentation/settings.ts';
import { apacheHttpd } from './languages/apache-httpd.ts';
import { dotnet } from './languages/dotnet.ts';
import { go } from './languages/go.ts';
import { java } from './languages/java.ts';
import { nginx } from './languages/nginx.ts';
import { nodejs } from './languages/nodejs.ts';
import { python } from './languages/python.ts';
import { sdk } from './languages/sdk.ts';

export const injectors: Readonly<Record<Language, Injector>> = {
  java,
  nodejs,
  python,
  dotnet,
  go,
  'apache-httpd': apacheHttpd,
  nginx,
  sdk,
};
