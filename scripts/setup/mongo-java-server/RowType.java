import de.bwaldvogel.mongo.bson.Document;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;
import org.h2.mvstore.type.ObjectDataType;

/** Reads rows also as the server's own way wrote them: those begin with another byte. */
final class RowType extends BasicDataType<Document> {
    private static final byte BSON = (byte) 0xB5;

    private final ObjectDataType own = new ObjectDataType();

    /** An estimate in bytes, by which pages are split and kept in memory. */
    @Override
    public int getMemory(Document row) {
        return sizeOf(row);
    }

    private static int sizeOf(Object value) {
        int size = 24;
        if (value instanceof String text) {
            size += text.length();
        } else if (value instanceof byte[] bytes) {
            size += bytes.length;
        } else if (value instanceof Collection<?> values) {
            for (Object each : values) {
                size += sizeOf(each);
            }
        } else if (value instanceof Map<?, ?> fields) {
            for (Object each : fields.values()) {
                size += 40 + sizeOf(each);
            }
        }
        return size;
    }

    @Override
    public void write(WriteBuffer to, Document row) {
        ByteBuf bytes = Bson.encode(row);
        to.put(BSON).putVarInt(bytes.readableBytes()).put(bytes.array(), 0, bytes.readableBytes());
    }

    @Override
    public Document read(ByteBuffer from) {
        if (from.get(from.position()) != BSON) {
            return (Document) own.read(from);
        }
        from.get();
        byte[] bytes = new byte[DataUtils.readVarInt(from)];
        from.get(bytes);
        return Bson.decode(bytes);
    }

    @Override
    public Document[] createStorage(int size) {
        return new Document[size];
    }
}
