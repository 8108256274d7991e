import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;

/**
 * The slices of a projection that includes other fields. The server's own way closes the connection where the field is
 * not there, and fails where the array ends before the slice begins.
 */
final class Slices {
    private final Map<String, Object> slices = new LinkedHashMap<>();
    private final Document others;

    Slices(Document fields) {
        others = fields == null ? null : fields.clone();
        if (fields == null || fields.values().stream().allMatch(value -> value instanceof Document)) {
            return;
        }
        for (Entry<String, Object> field : fields.entrySet()) {
            if (field.getValue() instanceof Document asked && asked.size() == 1 && asked.containsKey("$slice")) {
                slices.put(field.getKey(), asked.get("$slice"));
                others.put(field.getKey(), 1);
            }
        }
    }

    /** The projection with whole arrays. */
    Document others() {
        return others;
    }

    /** Cuts the arrays of rows that were projected so. */
    QueryResult cut(QueryResult projected) {
        if (slices.isEmpty()) {
            return projected;
        }
        List<Document> rows = new ArrayList<>();
        for (Document row : projected) {
            slices.forEach((path, slice) -> cut(row, path, slice));
            rows.add(row);
        }
        return new QueryResult(rows, projected.getCursorId());
    }

    private static void cut(Document document, String path, Object slice) {
        int dot = path.indexOf('.');
        Object value = document.get(dot < 0 ? path : path.substring(0, dot));
        if (dot >= 0) {
            if (value instanceof Document inner) {
                cut(inner, path.substring(dot + 1), slice);
            }
        } else if (value instanceof List<?> values) {
            document.put(path, cut(values, slice));
        }
    }

    private static List<?> cut(List<?> values, Object slice) {
        int size = values.size();
        if (slice instanceof List<?> range) {
            int begin = Math.min(size, ((Number) range.get(0)).intValue());
            return values.subList(begin, Math.min(size, begin + ((Number) range.get(1)).intValue()));
        }
        int count = ((Number) slice).intValue();
        return count < 0
                ? values.subList(Math.max(0, size + count), size)
                : values.subList(0, Math.min(size, count));
    }
}
