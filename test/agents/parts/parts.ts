import { findPython, javaAgent, nodeAgent, pythonAgent } from './agents.ts';
import { collector } from './collector.ts';
import { cart, pricing, stock } from './shop.ts';

/** All that a run needs beside this repository. */
export async function findParts() {
  const python = await findPython();
  return {
    nodeAgent,
    pythonAgent: pythonAgent(python),
    javaAgent,
    cart,
    pricing: pricing(python),
    stock,
    collector,
  };
}

export type Parts = Awaited<ReturnType<typeof findParts>>;
