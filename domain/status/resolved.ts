import {
  languages,
  type EnvEntry,
  type Instrumentation,
  type Language,
} from '../injection/instrumentation/settings.ts';
import type { Defaults } from '../injection/match.ts';
import { textAt } from '../json.ts';

/** What a new pod of one language would get; a member that nobody set is not there. */
export interface Resolved {
  readonly image?: string;
  readonly endpoint?: string;
}

export const resolve = (
  settings: Instrumentation,
  defaults: Defaults,
): Readonly<Partial<Record<Language, Resolved>>> =>
  Object.fromEntries(
    languages
      .filter((language) => !defaults.disabled.includes(language))
      .map((language) => [language, resolveOne(language, settings, defaults)]),
  );

function resolveOne(language: Language, settings: Instrumentation, { images }: Defaults): Resolved {
  const { agents, shared } = settings;
  const image = language === 'sdk' ? undefined : (agents[language].image ?? images[language]);
  const own = language === 'sdk' ? [] : agents[language].env;
  const endpoint = endpointIn(own) ?? endpointIn(shared.env) ?? shared.endpoint;
  return {
    ...(image === undefined ? {} : { image }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

const endpointIn = (env: readonly EnvEntry[]): string | undefined => {
  const found = env.find(({ name }) => name === 'OTEL_EXPORTER_OTLP_ENDPOINT');
  return found && textAt(found, 'value');
};
