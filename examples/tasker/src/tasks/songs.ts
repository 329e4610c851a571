/** Melodies that are in the public domain and stay within one octave: a digit for each note, from 1 (do) to 8 (the next do), and a space between phrases. */
export const SONGS: readonly string[] = [
  // Twinkle, Twinkle, Little Star. "Ah! vous dirai-je, maman", printed in Paris in 1761.
  '1155665 4433221 5544332 5544332 1155665 4433221',
  // Ode to Joy. Ludwig van Beethoven, 1824.
  '334554321123322 334554321123211',
  // Row, Row, Row Your Boat. Eliphalet Oram Lyte, 1881.
  '11123 32345 888555333111 54321',
  // Mary Had a Little Lamb. Lowell Mason, about 1830.
  '3212333 222 355 3212333 322321',
  // London Bridge Is Falling Down. An English nursery rhyme, traditional.
  '5654345 234 345 5654345 2531',
]
