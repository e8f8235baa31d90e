/** One line of progress on a terminal; nothing at all when the output is not one. */

export interface Progress {
  show(text: string): void;
  clear(): void;
}

export function progressLine(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { show: () => {}, clear: () => {} };
  const erase = '\r\x1b[2K';
  return {
    show: (text) => void stream.write(`${erase}${text}`),
    clear: () => void stream.write(erase),
  };
}
