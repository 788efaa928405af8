// Numbers drawn for a bootstrap, from a text: the same thing gets the same interval on every run, so that a finding does
// not seem to change while nothing has.

/** Uniform in [0, 1). Hashes the text by FNV-1a, then steps by Weyl's sequence and mixes (Steele's splitmix in 32 bits). */
export function drawsOf(text: string): () => number {
  let state = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) state = Math.imul(state ^ text.charCodeAt(place), 0x01000193);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
