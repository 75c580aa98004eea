/** What can be said of absolute paths by their text. Links are not followed. */

/** Whether a path is a directory or below it. */
export function isWithin(path: string, directory: string): boolean {
  const parts = partsOf(path);
  return partsOf(directory).every((part, depth) => parts[depth] === part);
}

/** The names that a path consists of; absolute paths of Windows have backslashes. */
function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split(/[\\/]/)) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
}
