/** Where an incident's page is. */

/** `/incidents/<id>` */
export function incidentPath(id: string): string {
  return `/incidents/${id}`;
}
