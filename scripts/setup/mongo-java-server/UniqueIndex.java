import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.AbstractUniqueIndex;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
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

    /** A row's place is its id. The server's own way keeps a row that has no place in an index. */
    @Override
    public synchronized Object remove(Document row) {
        Object place = super.remove(row);
        return place == null && hasNoKey(row) ? row.get("_id") : place;
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
