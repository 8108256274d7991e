import de.bwaldvogel.mongo.bson.Document;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.h2.mvstore.MVStore;

/**
 * Answers a command that asks for the journal, or for a majority, once the file has what it wrote or read: the server's own
 * way answers from memory, and the store writes to its file now and then. One write to the file serves all that wait.
 */
final class Journal {
    private final MVStore store;

    /** How many commands are between their change and its being in the file. */
    private final AtomicInteger unwritten = new AtomicInteger();

    private final AtomicLong asked = new AtomicLong();
    private long written = 0;

    Journal(MVStore store) {
        this.store = store;
    }

    Document answer(Document query, Supplier<Document> command) {
        if (isDurableWrite(query)) {
            unwritten.incrementAndGet();
            try {
                Document reply = command.get();
                write();
                return reply;
            } finally {
                unwritten.decrementAndGet();
            }
        }
        Document reply = command.get();
        // It may have seen what another command is still waiting for.
        if (isDurableRead(query) && unwritten.get() > 0) {
            write();
        }
        return reply;
    }

    private void write() {
        long mine = asked.incrementAndGet();
        synchronized (this) {
            if (written >= mine) {
                return;
            }
            long all = asked.get();
            store.commit();
            // The store's own thread may have taken the changes along, and still be writing them.
            store.executeFilestoreOperation(store::sync);
            written = all;
        }
    }

    private static boolean isDurableWrite(Document query) {
        return query.get("writeConcern") instanceof Document concern
                && (Boolean.TRUE.equals(concern.get("j")) || "majority".equals(concern.get("w")));
    }

    private static boolean isDurableRead(Document query) {
        return query.get("readConcern") instanceof Document concern && "majority".equals(concern.get("level"));
    }
}
