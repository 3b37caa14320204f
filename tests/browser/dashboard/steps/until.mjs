import { PATIENCE } from './sign-in.mjs';

const PAUSE = 100;

/** Asks until the answer is something; what it is. */
export async function until(what, ask) {
  for (const end = Date.now() + PATIENCE; ;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise(resolve => setTimeout(resolve, PAUSE));
  }
}
