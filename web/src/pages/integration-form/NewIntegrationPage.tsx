export function NewIntegrationPage() { return null; }
