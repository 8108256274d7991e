import type { AnyReport, Report, WideReport } from '../../../../shared/reports/report-schema.ts';
import type { Html } from '../markup/html.ts';

/** The source of a section: the report, and the file that is attached. */
export type Source<R extends AnyReport = Report> = Readonly<{
  report: R;
  attachmentName: string;
  /** SHA-256 of the file's bytes. */
  attachmentSha256Hex: string;
}>;

/** A section of the document; its title is also its bookmark, its name is for the style sheet. */
export type Section<R extends AnyReport = Report> = Readonly<{
  title: string;
  name: string;
  body: (source: Source<R>) => Html;
}>;

/** A section that every report has. */
export type SharedSection = Section<Report> & Section<WideReport>;
