// Runs mongo-java-server over an H2 file: `java -cp 'lib/*' Launcher.java FILE PORT` (port 0: any free one).
// It prints "listening on 127.0.0.1:PORT" once it answers, and ends on SIGTERM or when its standard input ends,
// closing the file cleanly. It must never listen on any other address: it knows no logins.

import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.h2.mvstore.MVStore;

final class Launcher {
    /** H2 commits once a second by default: what a killed process had answered in that second would be lost. */
    private static final int COMMIT_DELAY_MS = 100;

    public static void main(String[] args) throws IOException {
        if (args.length != 2) {
            System.err.println("usage: java -cp 'lib/*' Launcher.java FILE PORT");
            System.exit(64);
        }
        MVStore store = MVStore.open(args[0]);
        store.setAutoCommitDelay(COMMIT_DELAY_MS);

        MongoServer server = new MongoServer(new NamedBackend(store).version(new AnnouncedVersion()));
        server.bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[1])));
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        System.out.println("listening on 127.0.0.1:" + server.getLocalAddress().getPort());

        while (System.in.read() != -1) {
            // The parent never writes: the pipe only tells that it is still there.
        }
        System.exit(0);
    }

    /**
     * Says in buildInfo what it is: a client can tell this server from others by nothing else that it has. Changes to a
     * database's collections and indexes wait until no other command is at work on it, since those go through the lists of
     * both without a lock: an update beside a new index would fail.
     */
    private static final class NamedBackend extends H2Backend {
        private static final Set<String> CHANGES =
                Set.of("create", "createindexes", "drop", "dropindexes", "dropdatabase");

        private final ConcurrentMap<String, ReadWriteLock> locks = new ConcurrentHashMap<>();

        NamedBackend(MVStore store) {
            super(store);
        }

        @Override
        public Document handleCommand(Channel channel, String databaseName, String command, Document query) {
            ReadWriteLock lock = locks.computeIfAbsent(databaseName, name -> new ReentrantReadWriteLock());
            boolean isChange = CHANGES.contains(command.toLowerCase(Locale.ROOT));
            Lock held = isChange ? lock.writeLock() : lock.readLock();
            held.lock();
            try {
                return answer(channel, databaseName, command, query);
            } finally {
                held.unlock();
            }
        }

        private Document answer(Channel channel, String databaseName, String command, Document query) {
            Document reply = super.handleCommand(channel, databaseName, command, query);
            if (command.equalsIgnoreCase("buildInfo")) {
                reply.put("modules", List.of("mongo-java-server"));
            }
            return reply;
        }
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
