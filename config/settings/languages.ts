import { images } from '../images.ts';
import { image, yesOrNo } from './parsers.ts';
import { since, type Row } from './row.ts';

export type AgentLanguage = keyof typeof images;

const languageNames: Readonly<Record<AgentLanguage, string>> = {
  java: 'Java',
  nodejs: 'Node.js',
  python: 'Python',
  dotnet: '.NET',
  go: 'Go',
  'apache-httpd': 'Apache',
  nginx: 'Nginx',
};

export const agentLanguages = Object.keys(images) as readonly AgentLanguage[];

/** What a cluster should know before it lets an agent in. */
const conditions: Readonly<Partial<Record<AgentLanguage, string>>> = {
  go: ' Its agent runs beside the application, privileged and as root, and sees all processes of the pod: namespaces that enforce the Pod Security level baseline or restricted refuse such pods. It must be told which executable to attach to, by the annotation instrumentation.opentelemetry.io/otel-go-auto-target-exe or by OTEL_GO_AUTO_TARGET_EXE in `go.env`.',
  nginx: ' It needs a version of Nginx that the agent has a module for.',
};

export const enableKey = (language: AgentLanguage) => `enable-${language}`;
export const imageKey = (language: AgentLanguage) => `image-${language}`;

export const enableRow = (language: AgentLanguage): Row<boolean> => ({
  group: 'Agents',
  parser: yesOrNo,
  default: true,
  help: `Whether pods may have the agent for ${languageNames[language]}.${conditions[language] ?? ''}`,
  since,
});

export const imageRow = (language: AgentLanguage): Row<string> => ({
  group: 'Agents',
  parser: image,
  default: images[language],
  help: `Image of the agent for ${languageNames[language]}, where the Instrumentation names none.`,
  since,
});
