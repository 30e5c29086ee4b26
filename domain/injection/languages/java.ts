import { copiedAgent } from './copied.ts';

const directory = '/otel-auto-instrumentation-java';

export const java = copiedAgent({
  language: 'java',
  name: 'opentelemetry-auto-instrumentation-java',
  directory,
  requests: { cpu: '50m', memory: '64Mi' },
  copy: () => ['cp', '/javaagent.jar', `${directory}/javaagent.jar`],
  mountPath: (container) => `${directory}-${container}`,
  activate: ({ mountPath, settings }) => {
    const extensions =
      settings.extensions.length > 0 ? ` -Dotel.javaagent.extensions=${mountPath}/extensions` : '';
    const alone = ` -javaagent:${mountPath}/javaagent.jar${extensions}`;
    return [{ name: 'JAVA_TOOL_OPTIONS', alone, around: (current) => current + alone }];
  },
  extras: ({ ask }) =>
    ask.instrumentation.agents.java.extensions.map(({ image, dir }, index) => ({
      name: `opentelemetry-auto-instrumentation-extension-${index}`,
      image,
      command: ['cp', '-r', `${dir}/.`, `${directory}/extensions`],
    })),
});
