import { isTrouble } from '../../domain/diagnose/finding.ts';
import type { LookContext } from '../look/look.ts';
import type { Paint } from '../look/table.ts';
import type { Problem } from '../manifest/model.ts';
import type { DoctorAsked } from './command.ts';
import { diagnose } from './doctor.ts';
import { structured, textOf } from './text.ts';

export type Examined =
  | { readonly kind: 'badInput'; readonly problems: readonly Problem[] }
  | { readonly kind: 'examined'; readonly text: string; readonly isWell: boolean };

/** Examines once, and puts what was found into the form that was asked for. */
export async function consult(
  { options, form }: DoctorAsked,
  context: LookContext,
  paint: Paint,
): Promise<Examined> {
  const diagnosis = await diagnose(options, context);
  if (diagnosis.kind === 'badInput') return diagnosis;
  const text = form === 'table' ? textOf(diagnosis, paint) : structured(form, diagnosis);
  return { kind: 'examined', text, isWell: !diagnosis.findings.some(isTrouble) };
}
