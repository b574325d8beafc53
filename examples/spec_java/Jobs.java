import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The work: takes NAME.job from a directory and runs a command with it as its
 * input. Its output becomes NAME.done. A job is claimed by renaming it, which
 * one of several workers can do.
 */
final class Jobs {
    private final Path directory;
    private final List<String> command;
    private final Runnable onEnd;
    private final String claimed = ".claimed-" + ProcessHandle.current().pid();
    private final String part = ".part-" + ProcessHandle.current().pid();
    private Process process;  // of the job in flight; or null
    private String name;

    /** Calls onEnd, from any thread, when a job has ended. */
    Jobs(Path directory, List<String> command, Runnable onEnd) {
        this.directory = directory;
        this.command = command;
        this.onEnd = onEnd;
    }

    boolean isBusy() {
        return process != null;
    }

    /** Claims the first job there is, and begins it. */
    void take() {
        for (Path job : list("*.job")) {
            name = job.getFileName().toString().replaceFirst("\\.job$", "");
            if (rename(".job", claimed)) {
                begin();
                return;
            }
        }
    }

    /** Takes back what a worker left that was killed. */
    void takeBack() {
        for (Path left : list("*.claimed-*")) {
            String[] parts = left.getFileName().toString().split("\\.claimed-");
            if (ProcessHandle.of(Long.parseLong(parts[1])).isEmpty()) {
                name = parts[0];
                rename(".claimed-" + parts[1], ".job");
            }
        }
    }

    /** Whether a job has just ended; then its result is put in place. */
    boolean reap() {
        if (process == null || process.isAlive()) {
            return false;
        }
        if (process.exitValue() == 0) {
            rename(part, ".done");
            file(claimed).delete();
        } else {
            file(part).delete();
            rename(claimed, ".failed");
        }
        process = null;
        return true;
    }

    /** Gives up the job in flight, for another worker. */
    void giveBack() {
        if (process == null) {
            return;
        }
        process.destroyForcibly().onExit().join();
        file(part).delete();
        rename(claimed, ".job");
        process = null;
    }

    private void begin() {
        try {
            process = new ProcessBuilder(command)
                .redirectInput(file(claimed))
                .redirectOutput(file(part))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        process.onExit().thenRun(onEnd);
    }

    private List<Path> list(String pattern) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, pattern)) {
            files.forEach(found::add);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        return found;
    }

    private File file(String ending) {
        return directory.resolve(name + ending).toFile();
    }

    private boolean rename(String from, String to) {
        return file(from).renameTo(file(to));
    }
}
