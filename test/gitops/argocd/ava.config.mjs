// AVA asks for the default export. Each suite has a control plane and an Argo CD of its own, which
// together want more than a processor, so they run one after the other.
// oxlint-disable-next-line import/no-default-export
export default {
  extensions: ['ts'],
  files: ['test/gitops/argocd/suites/*.test.ts'],
  require: ['./test/as-written.ts'],
  concurrency: 1,
  timeout: '5m',
};
