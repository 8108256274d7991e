/**
 * `look` at a thing, once for all who ask while it is under way: who asks meanwhile gets the same answer. For looks that cost much
 * and that anybody may ask for.
 */
export function lookOnce<Thing extends object, Answer>(
  look: (thing: Thing) => Promise<Answer>,
): (thing: Thing) => Promise<Answer> {
  const underWay = new WeakMap<Thing, Promise<Answer>>();
  return (thing) => {
    const looking = underWay.get(thing) ?? look(thing).finally(() => underWay.delete(thing));
    underWay.set(thing, looking);
    return looking;
  };
}
