import de.bwaldvogel.mongo.bson.Document;
import java.util.Map.Entry;

/**
 * Rows whose values an aggregation takes for values. The server evaluates what an expression gave once more, so that a
 * stored object with a name such as `$gt` would be one, and end the aggregation with an error.
 */
final class Values {
    private static final char DOLLAR = '$';
    /** Looks alike, and names no operator. */
    private static final char WIDE_DOLLAR = '\uFF04';

    private Values() {}

    /** The row itself where nothing in it is named like an operator. Lists are left alone: they are not evaluated. */
    static Document of(Document row) {
        return isPlain(row) ? row : copyOf(row);
    }

    private static boolean isPlain(Document row) {
        for (Entry<String, Object> member : row.entrySet()) {
            if (isOperator(member.getKey()) || (member.getValue() instanceof Document inner && !isPlain(inner))) {
                return false;
            }
        }
        return true;
    }

    private static Document copyOf(Document row) {
        Document copy = new Document();
        row.forEach((name, value) -> copy.put(
                isOperator(name) ? WIDE_DOLLAR + name.substring(1) : name,
                value instanceof Document inner ? copyOf(inner) : value));
        return copy;
    }

    private static boolean isOperator(String name) {
        return !name.isEmpty() && name.charAt(0) == DOLLAR;
    }
}
