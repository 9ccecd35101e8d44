// Loaded into every role by the supervisor. The channel to it closes when it ends in any way, also by SIGKILL; the
// role then gets the same polite signal as in a normal stop, and little time.
const PATIENCE_MS = 2_000;

if (process.channel) {
  process.once('disconnect', () => {
    setTimeout(() => process.exit(1), PATIENCE_MS).unref();
    process.kill(process.pid, 'SIGTERM');
  });
  // Listening must not keep a role alive that has nothing else to do.
  process.channel.unref();
}
