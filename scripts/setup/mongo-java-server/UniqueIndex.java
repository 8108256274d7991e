import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.AbstractUniqueIndex;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.bson.Document;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import org.h2.mvstore.MVMap;

/**
 * Finds rows for every filter that compares all its fields by equality, whatever else the filter asks: the server
 * holds each row that an index finds against the whole filter. Its own indexes serve filters on exactly their fields.
 */
final class UniqueIndex extends AbstractUniqueIndex<Object> {
    private final MVMap<byte[], Object> positions;

    UniqueIndex(MVMap<byte[], Object> positions, String name, List<IndexKey> keys, boolean isSparse) {
        super(name, keys, isSparse);
        this.positions = positions;
    }

    /**
     * Makes the index say what the rows say. Of rows that have one key the first one by id has it in the index: a database
     * that does not open would lose more. Writes nothing where the index is right, as it is but after a kill.
     */
    void follow(MVMap<Object, Document> rows) {
        long right = 0;
        for (Entry<Object, Document> row : rows.entrySet()) {
            for (byte[] key : storedKeys(row.getValue())) {
                if (!row.getKey().equals(positions.get(key))) {
                    build(rows);
                    return;
                }
                right += 1;
            }
        }
        if (right != positions.sizeAsLong()) {
            build(rows);
        }
    }

    private void build(MVMap<Object, Document> rows) {
        positions.clear();
        for (Entry<Object, Document> row : rows.entrySet()) {
            for (byte[] key : storedKeys(row.getValue())) {
                if (positions.putIfAbsent(key, row.getKey()) != null) {
                    System.err.println("index " + getName() + ": another row has a key of the row " + row.getKey());
                }
            }
        }
    }

    private List<byte[]> storedKeys(Document row) {
        List<byte[]> stored = new ArrayList<>();
        if (!isLeftOut(row)) {
            for (KeyValue key : getKeyValues(row)) {
                stored.add(bytesOf(key));
            }
        }
        return stored;
    }

    /** A sparse index leaves out the rows that have none of its fields. */
    private boolean isLeftOut(Document row) {
        return isSparse()
                && keys().stream().allMatch(key -> Utils.getSubdocumentValue(row, key) instanceof Missing);
    }

    @Override
    public synchronized boolean canHandle(Document filter) {
        Document ours = new Document();
        for (String key : keys()) {
            if (!filter.containsKey(key)) {
                return false;
            }
            ours.put(key, filter.get(key));
        }
        return super.canHandle(ours);
    }

    /** The server's own way asks for the place of the row, and fails where it has none here. */
    @Override
    public synchronized void checkUpdate(Document before, Document after, MongoCollection<Object> collection) {
        if (hasNoKey(before)) {
            checkAdd(after, collection);
        } else {
            super.checkUpdate(before, after, collection);
        }
    }

    /** A row's place is its id. It has it here, too, where the index gives its key to another row. */
    @Override
    public synchronized Object remove(Document row) {
        if (isLeftOut(row)) {
            return null;
        }
        Object place = placeOf(row);
        for (byte[] key : storedKeys(row)) {
            if (place.equals(positions.get(key))) {
                positions.remove(key);
            }
        }
        return place;
    }

    @Override
    public Object getPosition(Document row) {
        Object place = placeOf(row);
        return storedKeys(row).stream().anyMatch(key -> place.equals(positions.get(key))) ? place : null;
    }

    private static Object placeOf(Document row) {
        return Missing.ofNullable(row.get("_id"));
    }

    /** An empty array gives no key. */
    private boolean hasNoKey(Document row) {
        return getKeyValues(row).isEmpty();
    }

    @Override
    protected Object getPosition(KeyValue key) {
        return positions.get(bytesOf(key));
    }

    @Override
    protected boolean putKeyPosition(KeyValue key, Object position) {
        return positions.putIfAbsent(bytesOf(key), Missing.ofNullable(position)) == null;
    }

    @Override
    protected Object removeDocument(KeyValue key) {
        return positions.remove(bytesOf(key));
    }

    @Override
    protected Iterable<Entry<KeyValue, Object>> getIterable() {
        List<Entry<KeyValue, Object>> entries = new ArrayList<>();
        positions.forEach((key, position) -> entries.add(Map.entry(keyOf(key), position)));
        return entries;
    }

    @Override
    public long getCount() {
        return positions.sizeAsLong();
    }

    @Override
    public long getDataSize() {
        return getCount();
    }

    private static byte[] bytesOf(KeyValue key) {
        Document values = new Document();
        for (int i = 0; i < key.size(); i++) {
            values.put(Integer.toString(i), key.get(i));
        }
        return ByteBufUtil.getBytes(Bson.encode(values));
    }

    private static KeyValue keyOf(byte[] bytes) {
        return new KeyValue(Bson.decode(bytes).values());
    }
}
