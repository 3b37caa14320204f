// Money is a decimal string, from the API to the screen. It is never a float: 0.1 + 0.2 is asked about by auditors.

/** 12 digits after the point are the most the API knows (prices per token). */
const SCALE = 12;
const DECIMAL = /^(-?)(\d+)(?:\.(\d{1,12}))?$/;

/** A decimal string in units of 10⁻¹². */
function units(amount: string): bigint {
  const match = DECIMAL.exec(amount);
  if (!match) throw new TypeError(`not an amount: ${amount}`);
  const [, sign, whole, fraction = ""] = match;
  const size = BigInt(whole + fraction.padEnd(SCALE, "0"));
  return sign ? -size : size;
}

export function compareMoney(a: string, b: string): number {
  const difference = units(a) - units(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function isZero(amount: string): boolean {
  return units(amount) === 0n;
}

/** The sum, with six digits as the API writes them. */
export function addMoney(...amounts: string[]): string {
  return written(
    amounts.reduce((sum, amount) => sum + units(amount), 0n),
    6,
  );
}

/** As a length to draw. Never to calculate with, never to print. */
export function moneyToDraw(amount: string): number {
  return Number(amount);
}

/** What stands at a tick of an axis, or at a point of a drawing: the amount of a length. */
export function formatDrawnMoney(length: number): string {
  return formatMoney(length.toFixed(6));
}

/**
 * Dollars as people read them: cents, and where there would be none, as many digits as tell something.
 * `$1,234.50`, `$0.0042`, `<$0.000001`.
 */
export function formatMoney(amount: string): string {
  const value = units(amount);
  if (value === 0n) return "$0.00";
  const size = value < 0n ? -value : value;
  const sign = value < 0n ? "−" : "";
  if (size >= units("0.995")) return `${sign}$${grouped(written(size, 2))}`;
  if (size >= units("0.01")) return `${sign}$${shortened(written(size, 4))}`;
  if (size >= units("0.000001")) return `${sign}$${shortened(written(size, 6))}`;
  return `${sign}<$0.000001`;
}

/** Every digit that was recorded, for a detail or a title. */
export function formatMoneyExactly(amount: string): string {
  return `$${grouped(amount)}`;
}

/** Rounded half to even, as the API does. */
function written(value: bigint, digits: number): string {
  const step = 10n ** BigInt(SCALE - digits);
  const size = value < 0n ? -value : value;
  const rest = size % step;
  let steps = size / step;
  if (rest * 2n > step || (rest * 2n === step && steps % 2n === 1n)) steps += 1n;
  const text = steps.toString().padStart(digits + 1, "0");
  const sign = value < 0n && steps > 0n ? "-" : "";
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function grouped(amount: string): string {
  const [whole = "", fraction] = amount.split(".");
  const thousands = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? thousands : `${thousands}.${fraction}`;
}

/** Without zeros that say nothing, but with cents. */
function shortened(amount: string): string {
  return amount.replace(/(\.\d\d\d*?)0+$/, "$1");
}
