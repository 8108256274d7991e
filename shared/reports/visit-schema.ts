// One walk over the schema of a report, for every program that treats its leaves by what they are: the leak scan, the
// values that a PDF's scan takes out. The only file that looks into zod's kinds of schemas.
import { z } from 'zod';
import { FREE_TEXT, type FreeTextField } from './report-fields.ts';
import { REPORT_SCHEMAS } from './report-schema.ts';
import type { ReportScope } from './subject.ts';

/** Any schema of zod. */
export type Schema = z.core.$ZodType;

/** A result for each kind of schema, made from the results of the schemas within it. */
export type SchemaVisitor<T> = Readonly<{
  nullable(inner: T): T;
  array(element: T): T;
  /** In the order of the schema. */
  object(members: readonly (readonly [name: string, member: T])[]): T;
  record(key: T, value: T): T;
  /** A leaf of `FREE_TEXT`. */
  freeText(field: FreeTextField): T;
  /** Every other leaf. */
  typed(schema: Schema): T;
}>;

/** The visitor's result for the schema of each scope. */
export function visitReports<T>(visitor: SchemaVisitor<T>): Readonly<Record<ReportScope, T>> {
  return {
    session: visitSchema(REPORT_SCHEMAS.session, visitor),
    agent: visitSchema(REPORT_SCHEMAS.agent, visitor),
    account: visitSchema(REPORT_SCHEMAS.account, visitor),
  };
}

const LEAVES = [z.ZodString, z.ZodNumber, z.ZodBoolean, z.ZodEnum, z.ZodLiteral] as const;

/**
 * The visitor's result for the schema, from the leaves up. Throws for a kind of schema that no report has: a schema
 * that was taken for a leaf could hide free text.
 */
export function visitSchema<T>(schema: Schema, visitor: SchemaVisitor<T>): T {
  const visit = (inner: Schema) => visitSchema(inner, visitor);
  if (schema instanceof z.ZodNullable) return visitor.nullable(visit(schema.unwrap()));
  if (schema instanceof z.ZodArray) return visitor.array(visit(schema.element));
  if (schema instanceof z.ZodRecord) return visitor.record(visit(schema.keyType), visit(schema.valueType));
  if (schema instanceof z.ZodObject) {
    const members = Object.entries<Schema>(schema.shape);
    return visitor.object(members.map(([name, member]) => [name, visit(member)] as const));
  }
  const freeText = schema instanceof z.ZodString ? FREE_TEXT.get(schema) : undefined;
  if (freeText) return visitor.freeText(freeText as FreeTextField);
  if (LEAVES.some((kind) => schema instanceof kind)) return visitor.typed(schema);
  throw new Error(`A report has no schema of the kind ${schema._zod.def.type}`);
}
