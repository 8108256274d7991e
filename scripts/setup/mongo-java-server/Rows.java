import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.ArrayFilters;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Collection;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.oplog.Oplog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.h2.mvstore.MVMap;

/** A collection: it finds rows by id without an index, and changes no row that somebody may be reading. */
final class Rows extends H2Collection {
    private final MVMap<Object, Document> rows;

    private boolean isChanging = false;

    Rows(
            MongoDatabase database,
            String name,
            CollectionOptions options,
            MVMap<Object, Document> rows,
            MVMap<String, Object> meta,
            CursorRegistry cursors) {
        super(database, name, options, rows, meta, cursors);
        this.rows = rows;
    }

    /** Leaves the ids out of the filter: the server would compare each row that it found by them with all of them. */
    @Override
    protected QueryResult queryDocuments(
            Document filter, Document orderBy, int skip, int limit, int batchSize, Document fields) {
        Slices slices = new Slices(fields);
        Set<String> ids = "_id".equals(getIdField()) ? idsOf(filter.get("_id")) : null;
        QueryResult found;
        if (ids == null) {
            found = super.queryDocuments(filter, orderBy, skip, limit, batchSize, slices.others());
        } else {
            Document others = filter.clone();
            others.remove("_id");
            Stream<Document> withId = ids.stream().map(rows::get).filter(Objects::nonNull);
            found = matchDocumentsFromStream(withId, others, orderBy, skip, limit, batchSize, slices.others());
        }
        return isChanging ? copyOf(found) : slices.cut(found);
    }

    /** What aggregations read. */
    @Override
    public Stream<Document> queryAllAsStream() {
        return super.queryAllAsStream().map(Values::of);
    }

    /** The texts that a filter asks `_id` to equal, sorted; null where it asks for anything else. */
    private static Set<String> idsOf(Object asked) {
        if (asked instanceof String id) {
            return Set.of(id);
        }
        if (!(asked instanceof Document expression)
                || expression.size() != 1
                || !(expression.get("$in") instanceof Collection<?> values)) {
            return null;
        }
        Set<String> ids = new TreeSet<>();
        for (Object value : values) {
            if (!(value instanceof String id)) {
                return null;
            }
            ids.add(id);
        }
        return ids;
    }

    private static QueryResult copyOf(QueryResult found) {
        List<Document> copies = new ArrayList<>();
        found.forEach(row -> copies.add(row.cloneDeeply()));
        return new QueryResult(copies);
    }

    /** The server changes a row in place, while its bytes may be on their way to a client or to the file. */
    @Override
    public synchronized Document updateDocuments(
            Document filter,
            Document update,
            ArrayFilters arrayFilters,
            boolean isMulti,
            boolean isUpsert,
            Oplog oplog) {
        isChanging = true;
        try {
            return super.updateDocuments(filter, update, arrayFilters, isMulti, isUpsert, oplog);
        } finally {
            isChanging = false;
        }
    }

    @Override
    public synchronized Document findAndModify(Document query) {
        isChanging = true;
        try {
            return super.findAndModify(query);
        } finally {
            isChanging = false;
        }
    }
}
