// Runs mongo-java-server over an H2 file: `java -cp CLASSES:'JARS/*' Launcher FILE PORT` (port 0: any free one).
// It prints "listening on 127.0.0.1:PORT" once it answers, and ends on SIGTERM or when its standard input ends,
// closing the file cleanly. It must never listen on any other address: it knows no logins.

import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.h2.mvstore.MVStore;

final class Launcher {
    /** For what no writer waits for, see Journal: H2 writes it once a second by default. */
    private static final int COMMIT_DELAY_MS = 100;

    public static void main(String[] args) throws IOException {
        if (args.length != 2) {
            System.err.println("usage: java -cp CLASSES:'JARS/*' Launcher FILE PORT");
            System.exit(64);
        }
        MVStore store = MVStore.open(args[0]);
        store.setAutoCommitDelay(COMMIT_DELAY_MS);

        MongoServer server = new MongoServer(new Backend(store).version(new AnnouncedVersion()));
        server.bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[1])));
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        System.out.println("listening on 127.0.0.1:" + server.getLocalAddress().getPort());

        while (System.in.read() != -1) {
            // The parent never writes: the pipe only tells that it is still there.
        }
        System.exit(0);
    }

    /** The server's own latest announces wire version 8, and the driver refuses all below 9. */
    private static final class AnnouncedVersion implements MongoVersion {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(5, 0, 0);
        }

        @Override
        public int getWireVersion() {
            return 13;
        }
    }
}
