/** What a person chose on this device: the time zone that times are shown in. Language and colours keep their own keys. */
import { useLocalStorage } from "@mantine/hooks";

export const DEFAULT_TIME_ZONE = "Asia/Jakarta";

/** Whether the browser can show times in it. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** The zone that times are shown in, and how to change it; all of the page follows at once. */
export function useTimeZone(): readonly [string, (zone: string) => void] {
  const [zone, setZone] = useLocalStorage<string>({
    key: "simpul.time-zone",
    defaultValue: DEFAULT_TIME_ZONE,
    getInitialValueInEffect: false,
    serialize: (value) => value,
    deserialize: (value) => (value !== undefined && isTimeZone(value) ? value : DEFAULT_TIME_ZONE),
  });
  return [zone, setZone];
}
