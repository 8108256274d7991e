// Safe Harbor coverage once more, written rule by rule from the published table and without the catalogue file:
// slow, literal, and independent of the code that it checks.

export type NaiveEntity = {
  enabled?: boolean;
  action: 'tokenize' | 'redact' | 'passthrough';
  regex?: boolean;
  ner?: boolean;
  confidence_threshold?: number;
};
export type NaivePolicy = {
  passes: readonly string[];
  entities: ReadonlyArray<readonly [string, NaiveEntity]>;
};

type Grade = 'none' | 'partial' | 'full';

/** Other names that a policy may write, each with the kind that it means. */
export const NAIVE_ALIASES: Readonly<Record<string, string>> = {
  person_name: 'NAME',
  phone_number: 'PHONE',
  dob: 'DOB',
  account_number: 'ACCOUNT',
  CREDIT_CARD: 'ACCOUNT',
  ZIP: 'ADDRESS',
  MBI: 'HEALTH_PLAN',
  VIN: 'VEHICLE',
  NPI: 'LICENSE',
  IPV4: 'IP_ADDRESS',
};

/** The 18 statuses in order, `A_names` to `R_other`. */
export function naiveCoverage(policy: NaivePolicy): Record<string, Grade> {
  const of = (kind: string) => gradeOfKind(policy, kind);
  return {
    A_names: facets('full', [of('NAME')]),
    B_geo: facets('full', [of('ADDRESS')]),
    C_dates: facets('full', [best(of('DOB'), of('DATE')), of('DATE'), of('AGE')]),
    D_phone: facets('full', [of('PHONE')]),
    E_fax: facets('full', [best(of('FAX'), of('PHONE'))]),
    F_email: facets('full', [of('EMAIL')]),
    G_ssn: facets('full', [of('SSN')]),
    H_mrn: facets('full', [of('MRN')]),
    I_health_plan: facets('full', [best(of('HEALTH_PLAN'), worst(of('ACCOUNT'), 'partial'))]),
    J_account: facets('full', [of('ACCOUNT')]),
    K_license: facets('full', [best(of('LICENSE'), worst(of('ACCOUNT'), 'partial'))]),
    L_vehicle: facets('partial', [of('VEHICLE')]),
    M_device: facets('partial', [of('DEVICE')]),
    N_url: facets('partial', [of('URL')]),
    O_ip: facets('full', [of('IP_ADDRESS')]),
    P_biometric: facets('none', [of('BIOMETRIC')]),
    Q_photo: 'none',
    R_other: facets('partial', [of('OTHER_ID')]),
  };
}

// Rule 3.
function facets(cap: Grade, grades: Grade[]): Grade {
  if (grades.every((grade) => grade === 'full')) return worst('full', cap);
  if (grades.every((grade) => grade === 'none')) return 'none';
  return worst('partial', cap);
}

// Rule 4: keys that fold together take the weakest grade.
function gradeOfKind(policy: NaivePolicy, kind: string): Grade {
  let grade: Grade | null = null;
  for (const [key, entity] of policy.entities) {
    if (key !== kind && NAIVE_ALIASES[key] !== kind) continue;
    const own = gradeOfEntity(policy.passes, kind, entity);
    grade = grade === null ? own : worst(grade, own);
  }
  return grade ?? 'none';
}

// Rules 1 and 2.
function gradeOfEntity(passes: readonly string[], kind: string, entity: NaiveEntity): Grade {
  if (entity.enabled === false) return 'none';
  if (entity.action !== 'tokenize' && entity.action !== 'redact') return 'none';
  const regex = entity.regex !== false && passes.includes('regex');
  const ner = entity.ner !== false && passes.includes('gemma');
  if (!regex && !ner) return 'none';

  const threshold = entity.confidence_threshold ?? 0.6;
  const byRegex = tableGrade(kind, 'regex');
  // A threshold of 1 scores nothing on NER: what is left is what regex gives.
  if (threshold === 1) return regex ? byRegex : 'none';
  if (regex && !ner) return byRegex;
  const grade = tableGrade(kind, regex ? 'both' : 'ner');
  if (byRegex === 'full') return grade;
  return threshold > (kind === 'NAME' ? 0.9 : 0.8) ? worst(grade, 'partial') : grade;
}

function tableGrade(kind: string, detectors: 'regex' | 'ner' | 'both'): Grade {
  const row = (regex: Grade, ner: Grade, both: Grade) => ({ regex, ner, both })[detectors];
  switch (kind) {
    case 'NAME':
      return row('none', 'full', 'full');
    case 'ADDRESS':
    case 'DOB':
    case 'DATE':
    case 'AGE':
    case 'PHONE':
    case 'FAX':
      return row('partial', 'partial', 'full');
    case 'EMAIL':
    case 'SSN':
    case 'MRN':
    case 'ACCOUNT':
    case 'VEHICLE':
    case 'URL':
      return row('full', 'partial', 'full');
    case 'IP_ADDRESS':
      return row('full', 'none', 'full');
    case 'HEALTH_PLAN':
    case 'LICENSE':
    case 'DEVICE':
      return row('partial', 'partial', 'full');
    case 'OTHER_ID':
      return 'partial';
    default:
      return 'none';
  }
}

function best(a: Grade, b: Grade): Grade {
  if (a === 'full' || b === 'full') return 'full';
  return a === 'partial' || b === 'partial' ? 'partial' : 'none';
}

function worst(a: Grade, b: Grade): Grade {
  if (a === 'none' || b === 'none') return 'none';
  return a === 'partial' || b === 'partial' ? 'partial' : 'full';
}
