import java.nio.ByteBuffer;
import java.util.Arrays;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/** Keys of an index, by their bytes. */
final class KeyType extends BasicDataType<byte[]> {
    @Override
    public int compare(byte[] one, byte[] other) {
        return Arrays.compare(one, other);
    }

    @Override
    public int getMemory(byte[] key) {
        return 24 + key.length;
    }

    @Override
    public void write(WriteBuffer to, byte[] key) {
        to.putVarInt(key.length).put(key);
    }

    @Override
    public byte[] read(ByteBuffer from) {
        byte[] key = new byte[DataUtils.readVarInt(from)];
        from.get(key);
        return key;
    }

    @Override
    public byte[][] createStorage(int size) {
        return new byte[size][];
    }
}
