const kept: object[] = []

/**
 * Keeps one object of a class that has instances only while there are jobs. V8 forgets the shape of objects of which none is left when it collects its garbage, and with it throws away all
 * machine code that relies on it: a queue that had been empty for a while would begin anew with slow code, and to compile it again takes more time than tens of thousands of jobs.
 */
export function keepShape(sample: object): void {
  kept.push(sample)
}
