/** A date that MongoDB stores and JavaScript does not have: read again, it is an `Invalid Date`. */
export function farDate(ms = 9e15): Date {
  return Object.defineProperty(new Date(0), 'getTime', { value: () => ms });
}
