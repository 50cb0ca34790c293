export function EditIntegrationPage() { return null; }
