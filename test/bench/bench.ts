/**
 * The benchmark. On the embedded engine: a bare node:http server, an Express hello-world and the service, each in its own process, loaded in
 * turns on one machine in one run. On PostgreSQL (`--engine postgres`): one, two and three replicas against the embedded
 * engine. With `--weight`: one service with a million keys, a long history, and other work beside. It prints what it measured
 * and which targets were missed.
 *
 * Exit code 0 when everything ran, targets reached or not; 1 when something could not be measured, the vault counted
 * wrong, or, with --strict, a target was missed; 2 for options that are wrong.
 */
import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { checkCount } from './count-check.ts';
import { findLoadTool } from './load.ts';
import { describeMachine, fileSystemOf, timeSyncs } from './machine.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { compareReplicas, renderReplicas } from './replicas.ts';
import { type Result, renderReport } from './report.ts';
import { runRounds } from './rounds.ts';
import { Stage } from './stage.ts';
import { summarize } from './summary.ts';
import { judgeTargets, type Verdict } from './targets.ts';
import { VaultUnderTest } from './vault-under-test.ts';
import { measureWeight, renderWeight } from './weight/weight.ts';

function tell(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

async function benchmark(stage: Stage, options: Options): Promise<Result> {
  const at = new Date().toISOString();
  const machine = describeMachine();
  const { name: fileSystem, inMemory } = fileSystemOf(stage.folder);
  tell(`measuring the disk in ${stage.folder} (${fileSystem})`);
  const syncs = [timeSyncs(stage.folder, 4), timeSyncs(stage.folder, 32)];
  const tool = await findLoadTool(stage);
  tell(`starting the servers, then warming them up with ${tool.name}`);
  const vault = await VaultUnderTest.start(stage);
  const env = { BENCH_ANSWER: vault.answer };
  const bare = await stage.startServer('test/bench/bare-http-server.ts', env);
  const express = await stage.startServer('test/bench/express-server.ts', env);
  const receiver = await stage.startServer('test/bench/webhook-receiver.ts', {});

  const { rounds, tally } = await runRounds({ tool, bare, express, receiver, vault }, options, tell);
  tally.delivered += vault.single;
  const rows = summarize(rounds);
  return {
    at,
    machine,
    tool: tool.name,
    options,
    disk: { fileSystem, inMemory, syncs },
    answerBytes: Buffer.byteLength(vault.answer),
    rows,
    verdicts: judgeTargets(rows),
    count: checkCount(tally, await vault.usage()),
    rounds,
  };
}

function finish(options: Options, result: object, failed: boolean, verdicts: readonly Verdict[]): void {
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
  const missed = options.strict && verdicts.some(({ verdict }) => verdict !== 'reached');
  process.exitCode = failed || missed ? 1 : 0;
}

function stopOnSignal(stage: Stage): void {
  process.on('exit', () => stage.strike());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      tell('stopping the servers');
      void stage.close().finally(() => process.exit(128 + constants.signals[signal]));
    });
  }
}

async function main(options: Options): Promise<void> {
  const stage = new Stage(process.cwd());
  stopOnSignal(stage);
  try {
    if (options.weight !== null) {
      const result = await measureWeight(stage, options, options.weight, tell);
      process.stdout.write(renderWeight(result));
      finish(options, result, result.isFaulty, result.verdicts);
    } else if (options.engine === 'postgres') {
      const result = await compareReplicas(stage, options, tell);
      process.stdout.write(renderReplicas(result));
      finish(options, result, !result.isExact, result.verdicts);
    } else {
      const result = await benchmark(stage, options);
      process.stdout.write(renderReport(result));
      const failed = !result.count.isExact || result.rows.some(({ faults }) => faults.length > 0);
      finish(options, result, failed, result.verdicts);
    }
  } catch (error) {
    // What a signal cut short fails for no other reason.
    if (!stage.isClosing)
      for (const reason of [(error as Error).message, ...stage.lost]) tell(`failed: ${reason}`);
    process.exitCode = 1;
  } finally {
    await stage.close();
  }
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(USAGE);
  else await main(options);
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n\n${USAGE}`);
  process.exitCode = 2;
}
