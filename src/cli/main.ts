#!/usr/bin/env node
import { runCommand } from './run-command.ts';
/** The `mini-lsm` command. */
import { Shell } from './shell.ts';

process.exitCode = await runCommand(process.argv.slice(2), new Shell(process));
