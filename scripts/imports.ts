import { dirname, join, normalize } from 'node:path/posix';

export interface Import {
  file: string;
  /** Path from the root for our own files, else the package. */
  target: string;
  ours: boolean;
  written: string;
  /** Nothing of it is left when the program runs. */
  typeOnly: boolean;
}

/** What a file imports, read from its text: `file` is its path from the root. */
export function importsOf(file: string, text: string): Import[] {
  const found = text.matchAll(/(?:\b(?:import|export) (type )?([^;'"]*?)\bfrom|\bimport)\s*\(?\s*'([^'\n]+)'/g);
  return [...found].map(([, type, names = '', written = '']) => {
    const target = written.startsWith('#')
      ? written.slice(1)
      : written.startsWith('.')
        ? normalize(join(dirname(file), written))
        : written;
    return {
      file,
      target,
      ours: /^[#.]/.test(written),
      written,
      typeOnly: type !== undefined || /^\{(\s*type \w[^,]*,?)+\}\s*$/.test(names),
    };
  });
}
