interface Word {
  readonly summary: string;
}

/**
 * What a condition says beside the reasons that pods and workloads have. A key is public: add
 * freely, rename never.
 */
export const conditionWords = {
  Served: {
    summary:
      'These settings are valid, and a webhook that was seen to work gives them to new pods.',
  },
  ProbePending: {
    summary: 'Whether the webhook works is being found out.',
  },
  AllCurrent: {
    summary: 'Every pod that asks for it has it.',
  },
  NothingAsks: {
    summary: 'No running pod asks for it.',
  },
  RestartUnderWay: {
    summary: 'Workloads are being restarted so that their pods get it.',
  },
  RestartPlanned: {
    summary: 'Workloads wait for a restart that gives their pods what they lack.',
  },
  NothingToDo: {
    summary: 'No restart would help any workload that asks for it.',
  },
} as const satisfies Record<string, Word>;

export type ConditionWord = keyof typeof conditionWords;
