import type { Backend } from '@jobport/core/adapter'
import type { Incident } from '../plan/incidents.ts'
import type { Part } from '../play/part.ts'

/** A way to get it wrong, as every process of a run gets it wrong. A judge who does not notice judges nothing. */
export interface Mutant {
  /** What is wrong with it, in a sentence. */
  readonly flaw: string
  /** What must be seen of it: the name of a promise and how it was broken. */
  readonly shows: RegExp
  /** What brings it to light. */
  readonly by: Incident
  readonly change: (backend: Backend, part: Part) => Backend
}
