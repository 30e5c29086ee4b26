const operator = 'ghcr.io/open-telemetry/opentelemetry-operator';

/** The agents a pod gets when its Instrumentation names no image. */
export const images = {
  java: `${operator}/autoinstrumentation-java:2.30.0`,
  nodejs: `${operator}/autoinstrumentation-nodejs:0.78.0`,
  python: `${operator}/autoinstrumentation-python:0.64b0`,
  dotnet: `${operator}/autoinstrumentation-dotnet:1.16.0`,
  go: 'ghcr.io/open-telemetry/opentelemetry-go-instrumentation/autoinstrumentation-go:v0.24.0',
  'apache-httpd': `${operator}/autoinstrumentation-apache-httpd:1.0.4`,
  /** Nginx is served by the Apache image: it carries both modules. */
  nginx: `${operator}/autoinstrumentation-apache-httpd:1.0.4`,
} as const;
