/** Packages that an option needs and that nobody has to install otherwise. */
import { LsmError } from '../errors.ts';

export interface OptionalPackage<Exports> {
  readonly name: string;
  /** The first version that will do. */
  readonly version: number;
  /** The option that needs it. */
  readonly option: string;
  /** Whether what was loaded has what is used of it. */
  readonly isRight: (found: unknown) => found is Exports;
}

/** What a package exports. @throws LsmError `LSM_INVALID_ARGUMENT` if it can't be had, saying what to do. */
export function loadOptionalPackage<Exports>(
  { name, version, option, isRight }: OptionalPackage<Exports>,
  load: (name: string) => unknown,
): Exports {
  const refusal = (what: string, cause?: unknown): LsmError => {
    const message = `option ${option} needs the package ${name}${what}; or open the database without it`;
    return new LsmError('LSM_INVALID_ARGUMENT', message, { cause });
  };
  let found: unknown;
  try {
    found = load(name);
  } catch (cause) {
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND';
    throw refusal(isAbsent ? `: npm install ${name}` : ', which does not load here (see cause)', cause);
  }
  if (isRight(found)) return found;
  throw refusal(`, version ${version} or later: npm install ${name}@${version}`);
}
