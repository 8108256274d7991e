import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.bson.Document;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * Says in buildInfo what it is: a client can tell this server from others by nothing else that it has. Changes to a
 * database's collections and indexes wait until no other command is at work on it, since those go through the lists of
 * both without a lock: an update beside a new index would fail.
 */
final class Backend extends H2Backend {
    private static final Set<String> CHANGES =
            Set.of("create", "createindexes", "drop", "dropindexes", "dropdatabase");

    private final ConcurrentMap<String, ReadWriteLock> locks = new ConcurrentHashMap<>();

    private final Journal journal;

    Backend(MVStore store) {
        super(store);
        journal = new Journal(store);
    }

    @Override
    protected MongoDatabase openOrCreateDatabase(String name) {
        return new Database(name);
    }

    @Override
    public Document handleCommand(Channel channel, String databaseName, String command, Document query) {
        return journal.answer(query, () -> carryOut(channel, databaseName, command, query));
    }

    private Document carryOut(Channel channel, String databaseName, String command, Document query) {
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

    /**
     * Stores rows and the keys of indexes as BSON. The server's own way has Java serialize both: keys at each comparison,
     * so that finding an id takes 25 us, and whole pages of rows where one of them changes.
     */
    private final class Database extends H2Database {
        /** False while the server's own constructor opens what is stored. No initializer: that would run behind it. */
        private boolean isOpen;

        Database(String name) {
            super(name, getMvStore(), getCursorRegistry());
            isOpen = true;
        }

        @Override
        protected MongoCollection<Object> openOrCreateCollection(String name, CollectionOptions options) {
            MVMap<String, Object> meta = getMvStore().openMap("meta." + getFullCollectionNamespace(name));
            return new Rows(this, name, options, rowsOf(name), meta, cursorRegistry);
        }

        private MVMap<Object, Document> rowsOf(String collection) {
            return getMvStore()
                    .openMap(
                            "databases." + getFullCollectionNamespace(collection),
                            new MVMap.Builder<Object, Document>().valueType(new RowType()));
        }

        /**
         * An index that is opened with its database is held against the rows, and one that was stored in the server's own
         * way is built anew: a kill may have come when the file had a row's change and not the index's. A new index is
         * emptied of what an earlier one of its name left, and the server adds the rows.
         */
        @Override
        protected Index<Object> openOrCreateUniqueIndex(
                String collection, String name, List<IndexKey> keys, boolean isSparse) {
            getMvStore().removeMap(getFullCollectionNamespace(collection) + "._index_" + name);
            MVMap<byte[], Object> positions = getMvStore()
                    .openMap(mapName(collection, name), new MVMap.Builder<byte[], Object>().keyType(new KeyType()));
            UniqueIndex index = new UniqueIndex(positions, name, keys, isSparse);
            if (!isOpen) {
                index.follow(rowsOf(collection));
            } else if (!isInUse(collection, name)) {
                positions.clear();
            }
            return index;
        }

        private boolean isInUse(String collection, String index) {
            return resolveCollection(collection, true).getIndexes().stream()
                    .anyMatch(each -> each.getName().equals(index));
        }

        @Override
        protected void dropIndex(MongoCollection<Object> collection, String name) {
            super.dropIndex(collection, name);
            getMvStore().removeMap(mapName(collection.getCollectionName(), name));
        }

        private String mapName(String collection, String index) {
            return getFullCollectionNamespace(collection) + "._keys_" + index;
        }
    }
}
