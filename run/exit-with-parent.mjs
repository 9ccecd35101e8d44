// Loaded into every process the supervisor starts. The channel to it closes when it ends in any way, also by SIGKILL;
// this process then gets the same polite signal as in a normal stop, and little time.
const PATIENCE_MS = 2_000;

// Processes that this one forks have channels of their own, for other uses: they must not inherit this file.
const at = process.execArgv.indexOf(import.meta.url);
if (at > 0) process.execArgv.splice(at - 1, 2);

if (process.channel) {
  process.once('disconnect', () => {
    setTimeout(() => process.exit(1), PATIENCE_MS).unref();
    process.kill(process.pid, 'SIGTERM');
  });
  // Listening must not keep a process alive that has nothing else to do.
  process.channel.unref();
}
